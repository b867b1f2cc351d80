"""Editor support: a language server over the same readers, compiler and checks as the command line."""
