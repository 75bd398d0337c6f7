"""Publishing: what the build made, to a target. One module a target; comparing and guarding are shared and pure."""

from sitegen.publish.plan import Plan, Standing
from sitegen.publish.workflow import Desk, PublishRequest, PublishResult, publish, rollback

__all__ = ["Desk", "Plan", "PublishRequest", "PublishResult", "Standing", "publish", "rollback"]
