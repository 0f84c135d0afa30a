"""``gridwix form-address``: prints the signed URL of a form.

An automation of the Wix site posts the form's submissions to it.
"""

import time
from typing import Annotated

import typer

from gridwix.clients.aws.secrets import SecretStore
from gridwix.mapping.secret_entries import read_signing_key
from gridwix.runtime.configuration import configuration
from gridwix.wix_webhook.signatures import form_signature
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, with_aws_options
from ops.console import print_result
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.outputs.form_address import FormAddressOutput
from ops.stack import Stack


@example("gridwix form-address edi-setup --stack prod")
@with_aws_options
def form_address(
    form: Annotated[
        str, typer.Argument(help="The form's key: the name of its file in config/forms.")
    ],
    stack: StackName = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Print the signed URL to which an automation of the Wix site posts a form.

    Anyone who has the URL can submit this form, and no other.
    """
    forms = configuration().forms
    if form not in forms:
        raise OpsError(f"there is no form {form}", f"choose one of {', '.join(sorted(forms))}")
    found = Stack.read(stack, Aws())
    secrets = (
        SecretStore(found.aws.secrets, time.time)
        .get(found.output("WixWebhookSecretName"))
        .get("signingSecrets")
    )
    entries = secrets if isinstance(secrets, list) else []
    usable = (one for one in entries if isinstance(read_signing_key(one), bytes))
    first = next(usable, None)
    if first is None:
        raise OpsError(
            "the secret wix/webhook has no signing secret that can be used",
            "add one with `gridwix secret set wix/webhook --field signingSecrets`, such as"
            " whsec_ and 32 random bytes in base64",
        )
    signature = form_signature(form, first)
    url = f"{found.output('WixWebhookUrl')}/forms/{form}?signature={signature}"
    if as_json:
        print_json_output(FormAddressOutput(form=form, url=url))
    else:
        print_result(url)
