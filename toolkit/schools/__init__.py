"""The list of schools: registers, open tables of DUO, school codes and names."""
