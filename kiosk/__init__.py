"""The graduation photo booth."""
