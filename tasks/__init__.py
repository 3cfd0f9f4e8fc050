"""The stages of the flow, a module each; the sub-packages do the work and know no Prefect."""
