"""Use cases of the differ: judge a document's snapshots in capture order, one short transaction each."""
