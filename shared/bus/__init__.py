"""Celery on kombu: who consumes what, the task base class, the relay and the sweep. It only wakes workers up."""
