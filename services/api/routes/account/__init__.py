"""The pages of an account: what its members see of it and do about it."""
