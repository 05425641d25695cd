"""The ways in which a scorecard awards points, one family a file."""
