extension ProtobufMessage {
    /// A reference to an object of the same namespace.
    static let localObjectReference = ProtobufMessage([1: .string("name")])

    /// A field of the pod as the value of a variable or file.
    static let objectFieldSelector = ProtobufMessage([1: .string("apiVersion"), 2: .requiredString("fieldPath")])

    /// A resource of a container as the value of a variable or file.
    static let resourceFieldSelector = ProtobufMessage([
        1: .string("containerName"), 2: .requiredString("resource"), 3: .quantity("divisor"),
    ])
    private static let containerPort = ProtobufMessage([
        1: .string("name"), 2: .int("hostPort", dropsZero: true), 3: .int("containerPort"), 4: .string("protocol"),
        5: .string("hostIP"),
    ])
    private static let envSource = ProtobufMessage([1: .inlined(localObjectReference), 2: .bool("optional")])
    private static let envFromSource = ProtobufMessage([
        1: .string("prefix"), 2: .pointer("configMapRef", envSource), 3: .pointer("secretRef", envSource),
    ])
    private static let keySelector = ProtobufMessage([
        1: .inlined(localObjectReference), 2: .requiredString("key"), 3: .bool("optional"),
    ])
    private static let fileKeySelector = ProtobufMessage([
        1: .requiredString("volumeName"), 2: .requiredString("path"), 3: .requiredString("key"), 4: .bool("optional"),
    ])
    private static let envVarSource = ProtobufMessage([
        1: .pointer("fieldRef", objectFieldSelector), 2: .pointer("resourceFieldRef", resourceFieldSelector),
        3: .pointer("configMapKeyRef", keySelector), 4: .pointer("secretKeyRef", keySelector),
        5: .pointer("fileKeyRef", fileKeySelector),
    ])
    private static let envVar = ProtobufMessage([
        1: .requiredString("name"), 2: .string("value"), 3: .pointer("valueFrom", envVarSource),
    ])
    private static let resourceClaim = ProtobufMessage([1: .requiredString("name"), 2: .string("request")])

    /// What a container or pod asks for and may use.
    static let resourceRequirements = ProtobufMessage([
        1: .quantities("limits"), 2: .quantities("requests"), 3: .messages("claims", resourceClaim),
    ])
    private static let containerResizePolicy = ProtobufMessage([
        1: .requiredString("resourceName"), 2: .requiredString("restartPolicy"),
    ])
    private static let containerRestartRuleOnExitCodes = ProtobufMessage([1: .string("operator"), 2: .ints("values")])
    private static let containerRestartRule = ProtobufMessage([
        1: .string("action"), 2: .pointer("exitCodes", containerRestartRuleOnExitCodes),
    ])
    private static let volumeMount = ProtobufMessage([
        1: .requiredString("name"), 2: .bool("readOnly", dropsZero: true), 3: .requiredString("mountPath"),
        4: .string("subPath"), 5: .optionalString("mountPropagation"), 6: .string("subPathExpr"),
        7: .optionalString("recursiveReadOnly"),
    ])
    private static let volumeDevice = ProtobufMessage([1: .requiredString("name"), 2: .requiredString("devicePath")])
    private static let execAction = ProtobufMessage([1: .strings("command")])
    private static let httpHeader = ProtobufMessage([1: .requiredString("name"), 2: .requiredString("value")])
    private static let httpGetAction = ProtobufMessage([
        1: .string("path"), 2: .intOrString("port"), 3: .string("host"), 4: .string("scheme"),
        5: .messages("httpHeaders", httpHeader),
    ])
    private static let tcpSocketAction = ProtobufMessage([1: .intOrString("port"), 2: .string("host")])
    private static let grpcAction = ProtobufMessage([1: .int("port"), 2: .optionalString("service")])
    private static let probeHandler = ProtobufMessage([
        1: .pointer("exec", execAction), 2: .pointer("httpGet", httpGetAction),
        3: .pointer("tcpSocket", tcpSocketAction), 4: .pointer("grpc", grpcAction),
    ])
    private static let probe = ProtobufMessage([
        1: .inlined(probeHandler), 2: .int("initialDelaySeconds", dropsZero: true),
        3: .int("timeoutSeconds", dropsZero: true), 4: .int("periodSeconds", dropsZero: true),
        5: .int("successThreshold", dropsZero: true), 6: .int("failureThreshold", dropsZero: true),
        7: .int("terminationGracePeriodSeconds"),
    ])
    private static let sleepAction = ProtobufMessage([1: .int("seconds")])
    private static let lifecycleHandler = ProtobufMessage([
        1: .pointer("exec", execAction), 2: .pointer("httpGet", httpGetAction),
        3: .pointer("tcpSocket", tcpSocketAction), 4: .pointer("sleep", sleepAction),
    ])
    private static let lifecycle = ProtobufMessage([
        1: .pointer("postStart", lifecycleHandler), 2: .pointer("preStop", lifecycleHandler),
        3: .optionalString("stopSignal"),
    ])

    /// A container; the common part of an ephemeral container has the same fields.
    static let container = ProtobufMessage([
        1: .requiredString("name"), 2: .string("image"), 3: .strings("command"), 4: .strings("args"),
        5: .string("workingDir"), 6: .messages("ports", containerPort), 7: .messages("env", envVar),
        8: .structure("resources", resourceRequirements), 9: .messages("volumeMounts", volumeMount),
        10: .pointer("livenessProbe", probe), 11: .pointer("readinessProbe", probe),
        12: .pointer("lifecycle", lifecycle), 13: .string("terminationMessagePath"), 14: .string("imagePullPolicy"),
        15: .pointer("securityContext", securityContext), 16: .bool("stdin", dropsZero: true),
        17: .bool("stdinOnce", dropsZero: true), 18: .bool("tty", dropsZero: true),
        19: .messages("envFrom", envFromSource), 20: .string("terminationMessagePolicy"),
        21: .messages("volumeDevices", volumeDevice), 22: .pointer("startupProbe", probe),
        23: .messages("resizePolicy", containerResizePolicy), 24: .optionalString("restartPolicy"),
        25: .messages("restartPolicyRules", containerRestartRule),
    ])

    /// A container added to a running pod.
    static let ephemeralContainer = ProtobufMessage([1: .inlined(container), 2: .string("targetContainerName")])
}
