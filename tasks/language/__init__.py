"""Words to meaning: statements, themes, kinds, labels, copies, groups; pure and offline."""
