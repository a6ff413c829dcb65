"""The notifier's use cases: telling (events become deliveries), the courier (deliveries go out), and accounts."""
