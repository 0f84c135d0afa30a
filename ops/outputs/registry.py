"""Lists the model of the JSON document of each command, by the words of the command."""

from collections.abc import Mapping

from ops.json_output import JsonOutput
from ops.outputs.alarm_trial import AlarmTestOutput
from ops.outputs.bundle import BuildOutput
from ops.outputs.campaigns import (
    CampaignFailedOutput,
    CampaignListOutput,
    CampaignPreviewOutput,
)
from ops.outputs.config import (
    ConfigApplyOutput,
    ConfigCheckOutput,
    ConfigDiffOutput,
    ConfigRollbackOutput,
    ConfigVersionsOutput,
)
from ops.outputs.config_previews import (
    ConfigPreviewCampaignOutput,
    ConfigPreviewRequestOutput,
    ConfigPreviewTextOutput,
)
from ops.outputs.desk import (
    DeskChangeOutput,
    DeskCommentOutput,
    DeskFetchOutput,
    DeskListOutput,
    DeskPublishedOutput,
    DeskShowOutput,
)
from ops.outputs.doctor import DoctorOutput
from ops.outputs.erase import EraseOutput
from ops.outputs.form_address import FormAddressOutput
from ops.outputs.gateway_check import GatewayCheckOutput
from ops.outputs.members import InviteOutput, LinkOutput, LinksOutput, UnlinkOutput
from ops.outputs.pausing import SwitchOutput
from ops.outputs.people import (
    PeopleHistoryOutput,
    PeopleImportOutput,
    PeopleListOutput,
    PeopleReconcileOutput,
)
from ops.outputs.plans import (
    ApplyOutput,
    BackfillOutput,
    ReconcileOutput,
    RedriveOutput,
    ReplayOutput,
    SetupOutput,
)
from ops.outputs.refused import RefusedOutput
from ops.outputs.resync import ResyncOutput
from ops.outputs.secrets import SecretCheckOutput, SecretRestoreOutput, SecretSetOutput
from ops.outputs.smoke import SmokeOutput
from ops.outputs.sources import SourceApplyOutput, SourcePlanOutput, SourceProposalOutput
from ops.outputs.status import StatusOutput
from ops.outputs.submissions import SubmissionsOutput

OUTPUTS: Mapping[str, type[JsonOutput]] = {
    "apply": ApplyOutput,
    "backfill": BackfillOutput,
    "build": BuildOutput,
    "campaign failed": CampaignFailedOutput,
    "campaign list": CampaignListOutput,
    "campaign preview": CampaignPreviewOutput,
    "config apply": ConfigApplyOutput,
    "config check": ConfigCheckOutput,
    "config diff": ConfigDiffOutput,
    "config preview campaign": ConfigPreviewCampaignOutput,
    "config preview request": ConfigPreviewRequestOutput,
    "config preview text": ConfigPreviewTextOutput,
    "config rollback": ConfigRollbackOutput,
    "config versions": ConfigVersionsOutput,
    "desk approve": DeskChangeOutput,
    "desk assign": DeskChangeOutput,
    "desk close": DeskChangeOutput,
    "desk comment": DeskCommentOutput,
    "desk fetch": DeskFetchOutput,
    "desk list": DeskListOutput,
    "desk move": DeskChangeOutput,
    "desk publish": DeskChangeOutput,
    "desk publish-document": DeskPublishedOutput,
    "desk reject": DeskChangeOutput,
    "desk resolve": DeskChangeOutput,
    "desk show": DeskShowOutput,
    "desk update": DeskChangeOutput,
    "doctor": DoctorOutput,
    "erase": EraseOutput,
    "form-address": FormAddressOutput,
    "gateway check": GatewayCheckOutput,
    "invite": InviteOutput,
    "link": LinkOutput,
    "links": LinksOutput,
    "pause": SwitchOutput,
    "people forget": EraseOutput,
    "people history": PeopleHistoryOutput,
    "people import": PeopleImportOutput,
    "people list": PeopleListOutput,
    "people reconcile": PeopleReconcileOutput,
    "people remind": PeopleImportOutput,
    "reconcile": ReconcileOutput,
    "redrive": RedriveOutput,
    "refused": RefusedOutput,
    "replay": ReplayOutput,
    "resume": SwitchOutput,
    "resync": ResyncOutput,
    "secret check": SecretCheckOutput,
    "secret restore": SecretRestoreOutput,
    "secret set": SecretSetOutput,
    "setup": SetupOutput,
    "smoke": SmokeOutput,
    "source apply": SourceApplyOutput,
    "source init": SourceProposalOutput,
    "source plan": SourcePlanOutput,
    "source preview": SourcePlanOutput,
    "status": StatusOutput,
    "submissions": SubmissionsOutput,
    "test-alarm": AlarmTestOutput,
    "unlink": UnlinkOutput,
}
"""Model of the JSON document of each command. ``python -m ops.schemas`` writes their schemas into
``docs/command/``.
"""
