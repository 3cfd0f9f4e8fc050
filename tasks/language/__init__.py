"""Words to meaning: statements, themes, kinds, labels, copies, groups. Pure, offline, and every label has its reason."""
