"""Python in a document: read, never run; its gradients and labels compared."""
