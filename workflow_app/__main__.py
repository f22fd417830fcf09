"""`python -m workflow_app` is the same program as `workflow-app`."""

from workflow_app.cli import main

main()
