"""The notifier's repositories: who is told (`telling`), what goes out (`deliveries`), and accounts (`accounts`)."""
