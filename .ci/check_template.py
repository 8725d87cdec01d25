"""What linters cannot know about template.yaml: expands it as CloudFormation would and looks at the result.

SAM's own translator runs here, then a resolver small enough to read fills in the parameters, so that a policy is judged
by the ARNs it ends up with. Needs no network and no AWS account. Prints what it checked; the first false statement ends it.
"""

import copy
import json
import logging
import re
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

logging.disable(logging.WARNING)  # the translator complains that nobody collects its metrics
ROOT = Path(__file__).parent.parent
FUNCTIONS = {"List": 30, "Onboard": 60, "Offboard": 60, "Reconcile": 900}
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "rollcall",
}
ACCOUNT = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
READ_LEDGER = {"dynamodb:Query"}
QUEUED = ("Onboard", "Offboard", "Reconcile")
TAKE_ORDERS = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
WRITE_LEDGER = {"dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
SCHEDULES = "arn:aws:scheduler:eu-west-1:123456789012:schedule/<Leavers>/leaver-*"
SCHEDULE_LEAVERS = {"scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"}
OURS = re.findall(r'Self::(\w+) => "\1"', (ROOT / "shared/src/door/metrics.rs").read_text())  # the metrics that the functions write
GONE = object()  # AWS::NoValue

TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
PARAMETERS = TEMPLATE["Parameters"]


class NoManagedPolicies:
    def load(self):
        raise AssertionError("the template names one of AWS's managed policies; write down what is needed instead")


def expand(**given):
    """The stack's resources with every parameter and condition filled in."""
    values = {name: str(p["Default"]) for name, p in PARAMETERS.items() if "Default" in p}
    values |= {"Providers": "bilanc,blackbird,appxite,powens", "MinPeople": "20"} | given
    for name, value in values.items():
        pattern = PARAMETERS[name].get("AllowedPattern", "")
        assert re.search(pattern, value), f"{name}: its own pattern {pattern} refuses {value!r}"
    template = copy.deepcopy(TEMPLATE)
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/code"  # as sam deploy does after the upload
    plain = transform(template, values, NoManagedPolicies())
    known = values | PSEUDO

    def condition(test):
        match test:
            case {"Fn::Not": [inner]}:
                return not condition(inner)
            case {"Fn::Equals": [left, right]}:
                return str(resolve(left)) == str(resolve(right))
        raise AssertionError(f"a condition this check does not know: {test}")

    def substitute(text, local):
        filled = re.sub(r"\$\{([^!}][^}]*)\}", lambda found: str((known | local).get(found[1], f"<{found[1]}>")), text)
        return filled.replace("${!", "${")  # CloudFormation's way to leave one alone

    def resolve(node):
        match node:
            case {"Ref": "AWS::NoValue"}:
                return GONE
            case {"Ref": name}:
                return known.get(name, f"<{name}>")
            case {"Fn::GetAtt": [name, attribute]}:
                return f"<{name}.{attribute}>"
            case {"Fn::Sub": [text, local]}:
                return substitute(text, {name: resolve(value) for name, value in local.items()})
            case {"Fn::Sub": text}:
                return substitute(text, {})
            case {"Fn::Split": [delimiter, text]}:
                return resolve(text).split(delimiter)
            case {"Fn::Select": [index, items]}:
                return resolve(items)[int(index)]
            case {"Fn::If": [name, yes, no]}:
                return resolve(yes if condition(plain["Conditions"][name]) else no)
            case dict():
                return {key: out for key, value in node.items() if (out := resolve(value)) is not GONE}
            case list():
                return [out for item in node if (out := resolve(item)) is not GONE]
        return node

    made = {name: r for name, r in plain["Resources"].items() if "Condition" not in r or condition(plain["Conditions"][r["Condition"]])}
    return plain, resolve(made)


def of_type(resources, kind):
    return {name: r["Properties"] for name, r in resources.items() if r["Type"] == kind}


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(document):
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow" and "NotAction" not in statement and "NotResource" not in statement, statement
        for action in listed(statement["Action"]):
            yield action, sorted(set(listed(statement["Resource"])))


def grants(resources):
    """Role -> action -> resources, through inline and managed policies."""
    managed = of_type(resources, "AWS::IAM::ManagedPolicy")
    unseen = [name for kind in ("Policy", "RolePolicy") for name in of_type(resources, f"AWS::IAM::{kind}")]
    unseen += [name for name, policy in managed.items() if {"Roles", "Users", "Groups"} & set(policy)]
    assert not unseen, f"attached from outside of the role, where nobody looks: {unseen}"
    table = {}
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        for attached in role.get("ManagedPolicyArns", []):
            documents.append(managed[attached.strip("<>")]["PolicyDocument"])
        table[name] = {}
        for document in documents:
            for action, on in statements(document):
                table[name].setdefault(action, []).extend(on)
    return table


def documents(*names, prefix="rollcall"):
    return {f"{ACCOUNT}{prefix}/{name}-??????" for name in names}


def passed(what):
    print(f"  ok  {what}")


def check_functions():
    _, resources = expand()
    functions = of_type(resources, "AWS::Lambda::Function")
    assert set(functions) == {f"{name}Function" for name in FUNCTIONS}, set(functions)
    for name, timeout in FUNCTIONS.items():
        function = functions[f"{name}Function"]
        assert function["Timeout"] == timeout and function["Runtime"] == "provided.al2023", name
        assert function["Architectures"] == ["arm64"], name
        assert function["Role"] == f"<{name}Role.Arn>" and function["LoggingConfig"]["LogGroup"] == f"<{name}Logs>", name
        assert function["LoggingConfig"]["LogFormat"] == "JSON", name
        assert "ReservedConcurrentExecutions" not in function, name
        source = TEMPLATE["Resources"][f"{name}Function"]["Metadata"]["BuildProperties"]
        assert source == {"Binary": name.lower()}, name
        url = f"<{name}FunctionUrl.FunctionUrl>"
        assert TEMPLATE["Outputs"][f"{name}Url"]["Value"] == {"Fn::GetAtt": [f"{name}FunctionUrl", "FunctionUrl"]}, url
    _, limited = expand(ReservedConcurrency="5", Architecture="x86_64")
    for name, function in of_type(limited, "AWS::Lambda::Function").items():
        assert function["ReservedConcurrentExecutions"] == "5" and function["Architectures"] == ["x86_64"], name
    retries = of_type(resources, "AWS::Lambda::EventInvokeConfig")
    assert all(config["MaximumRetryAttempts"] <= 1 for config in retries.values()) and len(retries) == 3, retries
    passed("four functions, each with its own binary, role, log group and time limit; concurrency is reserved only when asked for")


def check_urls():
    _, public = expand(UrlAuthType="NONE")
    _, signed = expand(UrlAuthType="AWS_IAM")
    for resources, auth in ((public, "NONE"), (signed, "AWS_IAM")):
        urls = of_type(resources, "AWS::Lambda::Url")
        assert len(urls) == 4 and all(url["AuthType"] == auth for url in urls.values()), urls
    permissions = of_type(public, "AWS::Lambda::Permission").values()
    for name in FUNCTIONS:
        mine = [p for p in permissions if p["FunctionName"] == f"<{name}Function>"]
        assert all(p["Principal"] == "*" for p in mine) and len(mine) == 2, mine
        by_action = {p["Action"]: p for p in mine}
        assert by_action["lambda:InvokeFunctionUrl"]["FunctionUrlAuthType"] == "NONE", mine
        assert by_action["lambda:InvokeFunction"]["InvokedViaFunctionUrl"] is True, mine
    assert not of_type(signed, "AWS::Lambda::Permission")
    passed("URLs: InvokeFunctionUrl and InvokeFunction (only through the URL) for NONE, nothing public for AWS_IAM")


def check_schedule():
    for mode in ("preview", "apply"):
        _, resources = expand(ReconcileMode=mode, ScheduleTimezone="America/Port-au-Prince", ScheduleState="DISABLED")
        (schedule,) = of_type(resources, "AWS::Scheduler::Schedule").values()
        target = schedule["Target"]
        assert json.loads(target["Input"]) == {"mode": mode, "schedule": "nightly"}, target
        assert target["Arn"] == "<ReconcileFunction.Arn>", target
        assert target["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}, target
        assert schedule["State"] == "DISABLED" and schedule["ScheduleExpressionTimezone"] == "America/Port-au-Prince"
        assert schedule["FlexibleTimeWindow"]["Mode"] == "FLEXIBLE", schedule
        role = target["RoleArn"].strip("<>").removesuffix(".Arn")
        trust = resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
        assert trust["Principal"] == {"Service": ["scheduler.amazonaws.com"]}, trust
        assert grants(resources)[role] == {"lambda:InvokeFunction": ["<ReconcileFunction.Arn>"]}, grants(resources)[role]
    assert PARAMETERS["ReconcileMode"]["Default"] == "preview"
    passed("one schedule, for reconcile, previewing by default, with a role that may start reconcile and nothing else")


def check_grants():
    key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"
    roster = "arn:aws:s3:::acme-hr/people.csv"
    _, everything = expand(SecretsKmsKeyArn=key, RosterObjectArn=roster, SecretPrefix="acme/rollcall", Providers="bilanc")
    _, least = expand()
    for resources in (everything, least):
        for role, actions in grants(resources).items():
            for action, on in actions.items():
                assert "*" not in action, f"{role} may {action}"
                if action in SCHEDULE_LEAVERS:
                    assert role == "OffboardRole" and on == [SCHEDULES], f"{role} may {action} on {on}"
                elif action != "secretsmanager:BatchGetSecretValue":
                    assert not any("*" in resource for resource in on), f"{role} may {action} on {on}"
                if action.startswith("dynamodb:"):
                    assert action in READ_LEDGER | WRITE_LEDGER, f"{role} may {action}"
                    assert set(on) == {"<Ledger.Arn>"}, f"{role} may {action} on {on}"  # the table, and no index of it
    providers = ("bilanc", "blackbird", "appxite", "powens")
    for name in FUNCTIONS:
        notify = () if name == "List" else ("notify",)
        ledger = READ_LEDGER if name == "List" else READ_LEDGER | WRITE_LEDGER
        later = SCHEDULE_LEAVERS | {"iam:PassRole"} if name == "Offboard" else set()
        orders = set() if name == "List" else TAKE_ORDERS | {"sqs:SendMessage"}
        mine = grants(least)[f"{name}Role"]
        assert set(mine) == {
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "secretsmanager:BatchGetSecretValue",
            "secretsmanager:GetSecretValue",
        } | ledger | orders | later, mine
        assert mine["logs:PutLogEvents"] == mine["logs:CreateLogStream"] == [f"<{name}Logs.Arn>"], mine
        assert set(mine["secretsmanager:GetSecretValue"]) == documents("directory", "callers", *providers, *notify), mine
        full = grants(everything)[f"{name}Role"]
        assert set(full) == set(mine) | {"kms:Decrypt", "s3:GetObject"}, full
        assert full["kms:Decrypt"] == [key] and full["s3:GetObject"] == [roster, f"{roster}.sha256"], full
        some = documents("directory", "callers", "bilanc", *notify, prefix="acme/rollcall")
        assert set(full["secretsmanager:GetSecretValue"]) == some, full
    eight = [f"p{n}" for n in range(8)]
    _, most = expand(Providers=",".join(eight))
    assert set(grants(most)["ListRole"]["secretsmanager:GetSecretValue"]) == documents("directory", "callers", *eight)
    for name in QUEUED:
        mine = grants(least)[f"{name}Role"]
        assert mine["sqs:SendMessage"] == [f"<{queue}Queue.Arn>" for queue in sorted(QUEUED)], mine
        assert all(mine[action] == [f"<{name}Queue.Arn>"] for action in TAKE_ORDERS), mine
    passed("roles: no * action, BatchGetSecretValue is the only thing on *, each reads its own documents, key and roster only if given")
    passed("the ledger: list reads, the others read and write records, nobody scans, deletes or changes the table")
    for role, actions in grants(least).items():
        for action, on in actions.items():
            print(f"        {role:28} {action:36} {' '.join(r.removeprefix(ACCOUNT) for r in on)}")


def check_leavers():
    _, resources = expand()
    (group,) = of_type(resources, "AWS::Scheduler::ScheduleGroup").values()
    assert "Name" not in group, "a group of the same name is in the way of a second stack"
    for name in FUNCTIONS:
        variables = resources[f"{name}Function"]["Properties"]["Environment"]["Variables"]
        own = {key: variables.get(key) for key in ("SCHEDULE_GROUP", "SCHEDULE_ROLE_ARN", "OFFBOARD_QUEUE_ARN")}
        theirs = ["<Leavers>", "<SendLeavers.Arn>", "<OffboardQueue.Arn>"] if name == "Offboard" else [None] * 3
        assert list(own.values()) == theirs, own
    offboard = grants(resources)["OffboardRole"]
    assert offboard["iam:PassRole"] == ["<SendLeavers.Arn>"], offboard["iam:PassRole"]
    policies = resources["OffboardRole"]["Properties"]["Policies"]
    passes = [s for policy in policies for s in policy["PolicyDocument"]["Statement"] if "iam:PassRole" in listed(s["Action"])]
    assert [s.get("Condition") for s in passes] == [{"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}], passes
    (trust,) = resources["SendLeavers"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}, trust
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}, trust
    assert grants(resources)["SendLeavers"] == {"sqs:SendMessage": ["<OffboardQueue.Arn>"]}, grants(resources)["SendLeavers"]
    passed("leavers of a later day: offboard schedules in one group and passes one role, which sends to one queue and nothing else")


def check_ledger():
    _, resources = expand()
    assert list(of_type(resources, "AWS::DynamoDB::Table")) == ["Ledger"], "not one table, called Ledger"
    resource, table = resources["Ledger"], resources["Ledger"]["Properties"]
    assert "Condition" not in resource and "TableName" not in table, "a table of the same name is in the way of a second stack"
    assert resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain", "the ledger goes with the stack"
    keys = [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]]
    assert keys == [("shelf", "HASH"), ("key", "RANGE")], keys
    kinds = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table["AttributeDefinitions"]}
    assert kinds == {"shelf": "S", "key": "S"}, kinds
    assert table.get("BillingMode") == "PAY_PER_REQUEST", table.get("BillingMode")
    lifetime = table.get("TimeToLiveSpecification")
    assert lifetime == {"AttributeName": "expires", "Enabled": True}, lifetime
    recovery = table.get("PointInTimeRecoverySpecification", {})
    assert recovery.get("PointInTimeRecoveryEnabled") is True, recovery
    assert table.get("SSESpecification", {}).get("SSEEnabled") is True, table.get("SSESpecification")
    assert not {"GlobalSecondaryIndexes", "LocalSecondaryIndexes", "StreamSpecification", "ResourcePolicy"} & set(table), set(table)
    for name in FUNCTIONS:
        variables = resources[f"{name}Function"]["Properties"]["Environment"]["Variables"]
        assert variables["LEDGER"] == "dynamodb:<Ledger>", variables["LEDGER"]
    assert TEMPLATE["Outputs"]["LedgerTable"]["Value"] == {"Ref": "Ledger"}
    passed("one table: shelf and key, expires, recovery to any point in time, encrypted, kept with and without the stack; all four use it")


def check_queues():
    _, resources = expand()
    mappings = of_type(resources, "AWS::Lambda::EventSourceMapping")
    assert len(of_type(resources, "AWS::SQS::Queue")) == 6 and len(mappings) == 3, mappings
    for name in QUEUED:
        queue, dead = (resources[f"{name}{kind}"]["Properties"] for kind in ("Queue", "DeadLetters"))
        assert queue["VisibilityTimeout"] == 6 * FUNCTIONS[name], f"{name}: AWS asks for six times the function's time limit"
        redrive = queue["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"] == f"<{name}DeadLetters.Arn>", redrive
        hours = queue["VisibilityTimeout"] * redrive["maxReceiveCount"] / 3600
        assert 4 <= hours <= 8, f"{name}: tried for {hours} hours"
        assert queue["MessageRetentionPeriod"] == dead["MessageRetentionPeriod"] == 14 * 24 * 3600, name
        assert queue["SqsManagedSseEnabled"] is True and dead["SqsManagedSseEnabled"] is True, name
        assert not {"QueueName", "FifoQueue"} & (set(queue) | set(dead)), name
        assert resources[f"{name}DeadLetters"].get("DeletionPolicy") == "Retain", f"{name}: orders go with the stack"
        (mapping,) = [m for m in mappings.values() if m["EventSourceArn"] == f"<{name}Queue.Arn>"]
        assert mapping["FunctionName"] == f"<{name}Function>", mapping
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], mapping
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2} and mapping["BatchSize"] <= 10, mapping
        for other in FUNCTIONS:
            variables = resources[f"{other}Function"]["Properties"]["Environment"]["Variables"]
            assert variables[f"{name.upper()}_QUEUE_URL"] == f"<{name}Queue>", variables
        for alarm, metric, on in (("Late", "ApproximateAgeOfOldestMessage", "Queue"), ("Dead", "ApproximateNumberOfMessagesVisible", "DeadLetters")):
            made = resources[f"{name}OrdersAre{alarm}"]["Properties"]
            assert made["MetricName"] == metric and made["Namespace"] == "AWS/SQS", made
            assert made["Dimensions"] == [{"Name": "QueueName", "Value": f"<{name}{on}.QueueName>"}], made
            assert made["OKActions"] == ["<Alarms>"] and made["TreatMissingData"] == "notBreaching", made
    passed("three queues of orders, tried for hours, then kept as dead letters; an alarm on age and one on dead letters for each")


def check_alarms():
    _, resources = expand(AlarmEmail="ops@example.com", SilenceHours="30")
    (topic,) = of_type(resources, "AWS::SNS::Topic").items()
    assert topic[0] == "Alarms" and not {"TopicName", "KmsMasterKeyId"} & set(topic[1]), topic
    (policy,) = of_type(resources, "AWS::SNS::TopicPolicy").values()
    assert policy["Topics"] == ["<Alarms>"], policy
    (may,) = policy["PolicyDocument"]["Statement"]
    assert may["Principal"] == {"Service": "cloudwatch.amazonaws.com"} and may["Effect"] == "Allow", may
    assert may["Action"] == "sns:Publish" and may["Resource"] == "<Alarms>", may
    assert may["Condition"] == {"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*"}}, may
    (mail,) = of_type(resources, "AWS::SNS::Subscription").values()
    assert mail == {"TopicArn": "<Alarms>", "Protocol": "email", "Endpoint": "ops@example.com"}, mail
    _, quiet = expand(ScheduleState="DISABLED")
    assert not of_type(quiet, "AWS::SNS::Subscription") and "ReconcileIsSilent" not in quiet

    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == ["<Alarms>"] and alarm["AlarmDescription"], f"{name} rings nobody"
        assert "AlarmName" not in alarm and alarm.get("ActionsEnabled", True) is True, name
        seconds = alarm["Period"] * int(alarm["EvaluationPeriods"])
        assert seconds <= (7 if alarm["Period"] >= 3600 else 1) * 24 * 3600, f"{name}: CloudWatch does not look back that far"
        assert alarm["TreatMissingData"] == ("breaching" if name == "ReconcileIsSilent" else "notBreaching"), name
        if alarm["Namespace"] == "Rollcall":
            assert alarm["MetricName"] in OURS, f"{name}: no function writes {alarm['MetricName']}"

    def sees(name, namespace, metric, dimension, value):
        alarm = alarms.pop(name)
        assert (alarm["Namespace"], alarm["MetricName"]) == (namespace, metric) and alarm["Statistic"] == "Sum", alarm
        assert alarm["Dimensions"] == [{"Name": dimension, "Value": value}], alarm
        return alarm

    at_once = []
    for name in ("Reconcile", "Offboard"):
        at_once.append(sees(f"{name}IsHeld", "Rollcall", "Held", "Function", name.lower()))
    for name in QUEUED:
        at_once.append(sees(f"{name}HasFailures", "Rollcall", "Failed", "Function", name.lower()))
    for name in FUNCTIONS:
        at_once.append(sees(f"{name}HasErrors", "AWS/Lambda", "Errors", "FunctionName", f"<{name}Function>"))
        at_once.append(sees(f"{name}IsThrottled", "AWS/Lambda", "Throttles", "FunctionName", f"<{name}Function>"))
    at_once.append(sees("LeaversAreDropped", "AWS/Scheduler", "InvocationDroppedCount", "ScheduleGroup", "<Leavers>"))
    for alarm in at_once:
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold" and alarm["Threshold"] == 0, alarm
        assert alarm["EvaluationPeriods"] == 1 and "OKActions" not in alarm, alarm
    silent = sees("ReconcileIsSilent", "Rollcall", "Succeeded", "Function", "reconcile")
    assert (silent["Period"], silent["EvaluationPeriods"]) == (3600, "30"), silent
    assert silent["ComparisonOperator"] == "LessThanThreshold" and silent["Threshold"] == 1, silent
    assert PARAMETERS["SilenceHours"]["MaxValue"] * 3600 <= 7 * 24 * 3600
    assert set(alarms) == {f"{name}OrdersAre{what}" for name in QUEUED for what in ("Late", "Dead")}, set(alarms)
    passed("alarms: held, failed, errors, throttles, dropped, late, dead, and silence; all ring one topic, which only alarms of this account may")


def check_dashboard():
    _, resources = expand()
    (dashboard,) = of_type(resources, "AWS::CloudWatch::Dashboard").values()
    assert "DashboardName" not in dashboard, "a dashboard of the same name is in the way of a second stack"
    shown, taken = set(), set()
    for widget in json.loads(dashboard["DashboardBody"])["widgets"]:
        spot = {(x, y) for x in range(widget["x"], widget["x"] + widget["width"]) for y in range(widget["y"], widget["y"] + widget["height"])}
        assert not spot & taken and max(x for x, _ in spot) < 24, f"{widget['properties']['title']} lies on another"
        taken |= spot
        assert widget["properties"]["region"] == "eu-west-1", widget
        ids = [metric[0]["id"] for metric in widget["properties"]["metrics"] if isinstance(metric[0], dict)]
        assert len(ids) == len(set(ids)) and all(re.fullmatch("[a-z][A-Za-z0-9_]*", id) for id in ids), ids
        for metric in widget["properties"]["metrics"]:
            match metric:
                case [{"expression": expression}]:
                    found = re.fullmatch(r"""SEARCH\('\{Rollcall,Function(,Provider)?\} (Function="\w+" )?MetricName="(\w+)"', '(\w+)', \d+\)""", expression)
                    assert found, f"not a search for ours: {expression}"
                    shown.add(found[3])
                case ["Rollcall", name, "Function", function, {}]:
                    assert function.title() in FUNCTIONS, metric
                    shown.add(name)
                case ["AWS/Lambda", "Errors" | "Throttles" | "Duration" as name, "FunctionName", function, {}]:
                    shown.add((name, resources[function.strip("<>")]["Type"]))
                case ["AWS/SQS", "ApproximateAgeOfOldestMessage" | "ApproximateNumberOfMessagesVisible" as name, "QueueName", queue, {}]:
                    assert ("DeadLetters" in queue) == (name == "ApproximateNumberOfMessagesVisible"), metric
                    shown.add((name, resources[queue.strip("<>").removesuffix(".QueueName")]["Type"]))
                case _:
                    raise AssertionError(f"a metric this check does not know: {metric}")
    theirs = {(name, "AWS::Lambda::Function") for name in ("Errors", "Throttles", "Duration")}
    theirs |= {(name, "AWS::SQS::Queue") for name in ("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible")}
    assert len(OURS) > 10 and shown == set(OURS) | theirs, shown ^ (set(OURS) | theirs)
    passed(f"a dashboard of the {len(OURS)} metrics that the functions write, and of Lambda's and SQS's")


def check_parameters():
    interface = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(PARAMETERS), set(grouped) ^ set(PARAMETERS)
    assert set(interface["ParameterLabels"]) == set(PARAMETERS), set(interface["ParameterLabels"]) ^ set(PARAMETERS)
    for name, parameter in PARAMETERS.items():
        assert parameter.get("Description") and parameter.get("ConstraintDescription"), name
        bounded = {"MinValue", "MaxValue"} <= set(parameter) or {"AllowedPattern", "AllowedValues"} & set(parameter)
        assert bounded, f"{name} accepts anything"
    assert [name for name, p in PARAMETERS.items() if "Default" not in p] == ["Providers", "MinPeople"]
    refused = {
        "Providers": ["", "Bilanc", "bilanc,", "bilanc, powens", ",".join("abcdefghi")],
        "SecretPrefix": ["", "/rollcall", "rollcall/", "*", "roll?all"],
        "RosterObjectArn": ["arn:aws:s3:::acme-hr", "arn:aws:s3:::acme-hr/*", "s3://acme-hr/people.csv"],
        "SecretsKmsKeyArn": ["*", "alias/rollcall"],
        "ManagedDomains": ["example", "@example.com", "example.com,", "*.example.com", "a.com, b.com"],
        "AlarmEmail": ["ops", "ops@example", "a@example.com,b@example.com", "ops @example.com"],
        "Protected": ["root", "root@example.com,", "github:", "a@b.c github:d"],
        "ScheduleExpression": ["daily", "at(2026-12-31T00:00:00)"],
        "ScheduleTimezone": ["", "Europe/", "+01:00"],
    }
    for name, values in refused.items():
        for value in values:
            assert not re.search(PARAMETERS[name]["AllowedPattern"], value), f"{name} accepts {value!r}"
    expand(Protected="root@example.com,github:octocat,powens:101", ManagedDomains="example.com,example.co.uk")
    passed(f"{len(PARAMETERS)} parameters: grouped, labelled, described, bounded; only Providers and MinPeople must be given")

    shared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    for name in FUNCTIONS:
        own = TEMPLATE["Resources"][f"{name}Function"]["Properties"].get("Environment", {}).get("Variables", {})
        longest = sum(len(variable) + most(variable, value) for variable, value in (shared | own).items())
        assert longest < 4096, f"{name}: {longest}"
        passed(f"{name}: {len(shared | own)} variables take {longest} bytes at most; Lambda allows 4096")


def most(variable, value):
    """The most characters of a variable's value."""
    match value:
        case {"Ref": "Leavers"}:
            return 64  # the longest name of a group
        case {"Ref": name} if name.endswith("Queue"):
            return len("https://sqs.ap-southeast-1.amazonaws.com/123456789012/") + 80
        case {"Fn::GetAtt": ["SendLeavers", "Arn"]}:
            return len("arn:aws-us-gov:iam::123456789012:role/") + 64
        case {"Fn::GetAtt": ["OffboardQueue", "Arn"]}:
            return len("arn:aws-us-gov:sqs:ap-southeast-1:123456789012:") + 80
        case {"Fn::Sub": "dynamodb:${Ledger}"}:
            return len("dynamodb:") + 255  # the longest name of a table
        case {"Ref": name}:
            parameter = PARAMETERS[name]
        case str():
            return len(value)
        case _:
            raise AssertionError(f"{variable}: how long can {value} get?")
    return parameter.get("MaxLength") or len(str(parameter.get("MaxValue", ""))) or max(map(len, parameter["AllowedValues"]))


def main():
    for check in (check_functions, check_urls, check_schedule, check_grants, check_leavers, check_ledger, check_queues, check_alarms, check_dashboard, check_parameters):
        check()
    if len(sys.argv) > 1:  # for cfn-lint, which looks at SAM resources less closely than at what becomes of them
        plain, _ = expand()
        Path(sys.argv[1]).write_text(json.dumps(plain, indent=1))


main()
