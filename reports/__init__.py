"""Records in; Markdown, figures and pages out. Imports neither torch nor the harnesses."""
