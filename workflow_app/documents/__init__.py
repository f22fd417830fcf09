"""Documents: templates, rendering, versions, numbers, register, PDF, preview, uploads."""
