"""Publishing: from the output of a build to a target. Each target is a module that registers itself."""
