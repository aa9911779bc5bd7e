"""Commands that compute from CSV files alone: no server, no database, no settings."""
