"""Publishing: from the output of a build to a target. Each target is a module that registers itself."""

from sitegen.publish.backend import PublishRequest, PublishUI
from sitegen.publish.plan import Plan, TargetState
from sitegen.publish.site_files import PublishFile
from sitegen.publish.workflow import PublishResult, publish, rollback

__all__ = ["Plan", "PublishFile", "PublishRequest", "PublishResult", "PublishUI", "TargetState", "publish", "rollback"]
