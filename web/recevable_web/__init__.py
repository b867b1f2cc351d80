"""The guichet: the instructor's web application.  It knows the engine by its public face only (docs/api.md)."""
