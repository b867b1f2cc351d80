"""What changing a pack does to known dossiers: both packs decide them, and every difference is told with its cause."""
