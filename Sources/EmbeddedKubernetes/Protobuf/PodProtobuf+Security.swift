extension ProtobufMessage {
    private static let capabilities = ProtobufMessage([1: .strings("add"), 2: .strings("drop")])
    private static let seLinuxOptions = ProtobufMessage([
        1: .string("user"), 2: .string("role"), 3: .string("type"), 4: .string("level"),
    ])
    private static let windowsSecurityContextOptions = ProtobufMessage([
        1: .optionalString("gmsaCredentialSpecName"), 2: .optionalString("gmsaCredentialSpec"),
        3: .optionalString("runAsUserName"), 4: .bool("hostProcess"),
    ])
    private static let profile = ProtobufMessage([1: .requiredString("type"), 2: .optionalString("localhostProfile")])

    /// The security context of a container.
    static let securityContext = ProtobufMessage([
        1: .pointer("capabilities", capabilities), 2: .bool("privileged"),
        3: .pointer("seLinuxOptions", seLinuxOptions), 4: .int("runAsUser"), 5: .bool("runAsNonRoot"),
        6: .bool("readOnlyRootFilesystem"), 7: .bool("allowPrivilegeEscalation"), 8: .int("runAsGroup"),
        9: .optionalString("procMount"), 10: .pointer("windowsOptions", windowsSecurityContextOptions),
        11: .pointer("seccompProfile", profile), 12: .pointer("appArmorProfile", profile),
    ])
    private static let sysctl = ProtobufMessage([1: .requiredString("name"), 2: .requiredString("value")])

    /// The security context of a pod.
    static let podSecurityContext = ProtobufMessage([
        1: .pointer("seLinuxOptions", seLinuxOptions), 2: .int("runAsUser"), 3: .bool("runAsNonRoot"),
        4: .ints("supplementalGroups"), 5: .int("fsGroup"), 6: .int("runAsGroup"), 7: .messages("sysctls", sysctl),
        8: .pointer("windowsOptions", windowsSecurityContextOptions), 9: .optionalString("fsGroupChangePolicy"),
        10: .pointer("seccompProfile", profile), 11: .pointer("appArmorProfile", profile),
        12: .optionalString("supplementalGroupsPolicy"), 13: .optionalString("seLinuxChangePolicy"),
    ])
}
