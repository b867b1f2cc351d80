"""The impact of changing a pack: both versions decide known dossiers, and each difference is given with its cause."""
