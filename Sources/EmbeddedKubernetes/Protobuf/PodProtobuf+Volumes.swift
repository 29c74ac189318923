extension ProtobufMessage {
    private static let hostPathVolumeSource = ProtobufMessage([1: .requiredString("path"), 2: .optionalString("type")])
    private static let emptyDirVolumeSource = ProtobufMessage([1: .string("medium"), 2: .optionalQuantity("sizeLimit")])
    private static let gcePersistentDiskVolumeSource = ProtobufMessage([
        1: .requiredString("pdName"), 2: .string("fsType"), 3: .int("partition", dropsZero: true),
        4: .bool("readOnly", dropsZero: true),
    ])
    private static let awsElasticBlockStoreVolumeSource = ProtobufMessage([
        1: .requiredString("volumeID"), 2: .string("fsType"), 3: .int("partition", dropsZero: true),
        4: .bool("readOnly", dropsZero: true),
    ])
    private static let gitRepoVolumeSource = ProtobufMessage([
        1: .requiredString("repository"), 2: .string("revision"), 3: .string("directory"),
    ])
    private static let keyToPath = ProtobufMessage([
        1: .requiredString("key"), 2: .requiredString("path"), 3: .int("mode"),
    ])
    private static let secretVolumeSource = ProtobufMessage([
        1: .string("secretName"), 2: .messages("items", keyToPath), 3: .int("defaultMode"), 4: .bool("optional"),
    ])
    private static let nfsVolumeSource = ProtobufMessage([
        1: .requiredString("server"), 2: .requiredString("path"), 3: .bool("readOnly", dropsZero: true),
    ])
    private static let iscsiVolumeSource = ProtobufMessage([
        1: .requiredString("targetPortal"), 2: .requiredString("iqn"), 3: .int("lun"), 4: .string("iscsiInterface"),
        5: .string("fsType"), 6: .bool("readOnly", dropsZero: true), 7: .strings("portals"),
        8: .bool("chapAuthDiscovery", dropsZero: true), 10: .pointer("secretRef", localObjectReference),
        11: .bool("chapAuthSession", dropsZero: true), 12: .optionalString("initiatorName"),
    ])
    private static let glusterfsVolumeSource = ProtobufMessage([
        1: .requiredString("endpoints"), 2: .requiredString("path"), 3: .bool("readOnly", dropsZero: true),
    ])
    private static let persistentVolumeClaimVolumeSource = ProtobufMessage([
        1: .requiredString("claimName"), 2: .bool("readOnly", dropsZero: true),
    ])
    private static let rbdVolumeSource = ProtobufMessage([
        1: .strings("monitors"), 2: .requiredString("image"), 3: .string("fsType"), 4: .string("pool"),
        5: .string("user"), 6: .string("keyring"), 7: .pointer("secretRef", localObjectReference),
        8: .bool("readOnly", dropsZero: true),
    ])
    private static let flexVolumeSource = ProtobufMessage([
        1: .requiredString("driver"), 2: .string("fsType"), 3: .pointer("secretRef", localObjectReference),
        4: .bool("readOnly", dropsZero: true), 5: .stringMap("options"),
    ])
    private static let cinderVolumeSource = ProtobufMessage([
        1: .requiredString("volumeID"), 2: .string("fsType"), 3: .bool("readOnly", dropsZero: true),
        4: .pointer("secretRef", localObjectReference),
    ])
    private static let cephFSVolumeSource = ProtobufMessage([
        1: .strings("monitors"), 2: .string("path"), 3: .string("user"), 4: .string("secretFile"),
        5: .pointer("secretRef", localObjectReference), 6: .bool("readOnly", dropsZero: true),
    ])
    private static let flockerVolumeSource = ProtobufMessage([1: .string("datasetName"), 2: .string("datasetUUID")])
    private static let downwardAPIVolumeFile = ProtobufMessage([
        1: .requiredString("path"), 2: .pointer("fieldRef", objectFieldSelector),
        3: .pointer("resourceFieldRef", resourceFieldSelector), 4: .int("mode"),
    ])
    private static let downwardAPIVolumeSource = ProtobufMessage([
        1: .messages("items", downwardAPIVolumeFile), 2: .int("defaultMode"),
    ])
    private static let fcVolumeSource = ProtobufMessage([
        1: .strings("targetWWNs"), 2: .int("lun"), 3: .string("fsType"), 4: .bool("readOnly", dropsZero: true),
        5: .strings("wwids"),
    ])
    private static let azureFileVolumeSource = ProtobufMessage([
        1: .requiredString("secretName"), 2: .requiredString("shareName"), 3: .bool("readOnly", dropsZero: true),
    ])
    private static let configMapVolumeSource = ProtobufMessage([
        1: .inlined(localObjectReference), 2: .messages("items", keyToPath), 3: .int("defaultMode"),
        4: .bool("optional"),
    ])
    private static let vsphereVirtualDiskVolumeSource = ProtobufMessage([
        1: .requiredString("volumePath"), 2: .string("fsType"), 3: .string("storagePolicyName"),
        4: .string("storagePolicyID"),
    ])
    private static let quobyteVolumeSource = ProtobufMessage([
        1: .requiredString("registry"), 2: .requiredString("volume"), 3: .bool("readOnly", dropsZero: true),
        4: .string("user"), 5: .string("group"), 6: .string("tenant"),
    ])
    private static let azureDiskVolumeSource = ProtobufMessage([
        1: .requiredString("diskName"), 2: .requiredString("diskURI"), 3: .optionalString("cachingMode"),
        4: .optionalString("fsType"), 5: .bool("readOnly"), 6: .optionalString("kind"),
    ])
    private static let photonPersistentDiskVolumeSource = ProtobufMessage([
        1: .requiredString("pdID"), 2: .string("fsType"),
    ])
    private static let objectProjection = ProtobufMessage([
        1: .inlined(localObjectReference), 2: .messages("items", keyToPath), 4: .bool("optional"),
    ])
    private static let downwardAPIProjection = ProtobufMessage([1: .messages("items", downwardAPIVolumeFile)])
    private static let serviceAccountTokenProjection = ProtobufMessage([
        1: .string("audience"), 2: .int("expirationSeconds"), 3: .requiredString("path"),
    ])
    private static let clusterTrustBundleProjection = ProtobufMessage([
        1: .optionalString("name"), 2: .optionalString("signerName"), 3: .pointer("labelSelector", selector),
        4: .requiredString("path"), 5: .bool("optional"),
    ])
    private static let podCertificateProjection = ProtobufMessage([
        1: .string("signerName"), 2: .string("keyType"), 3: .int("maxExpirationSeconds"),
        4: .string("credentialBundlePath"), 5: .string("keyPath"), 6: .string("certificateChainPath"),
        7: .stringMap("userAnnotations"),
    ])
    private static let volumeProjection = ProtobufMessage([
        1: .pointer("secret", objectProjection), 2: .pointer("downwardAPI", downwardAPIProjection),
        3: .pointer("configMap", objectProjection), 4: .pointer("serviceAccountToken", serviceAccountTokenProjection),
        5: .pointer("clusterTrustBundle", clusterTrustBundleProjection),
        6: .pointer("podCertificate", podCertificateProjection),
    ])
    private static let projectedVolumeSource = ProtobufMessage([
        1: .messages("sources", volumeProjection), 2: .int("defaultMode"),
    ])
    private static let portworxVolumeSource = ProtobufMessage([
        1: .requiredString("volumeID"), 2: .string("fsType"), 3: .bool("readOnly", dropsZero: true),
    ])
    private static let scaleIOVolumeSource = ProtobufMessage([
        1: .requiredString("gateway"), 2: .requiredString("system"), 3: .pointer("secretRef", localObjectReference),
        4: .bool("sslEnabled", dropsZero: true), 5: .string("protectionDomain"), 6: .string("storagePool"),
        7: .string("storageMode"), 8: .string("volumeName"), 9: .string("fsType"),
        10: .bool("readOnly", dropsZero: true),
    ])
    private static let storageOSVolumeSource = ProtobufMessage([
        1: .string("volumeName"), 2: .string("volumeNamespace"), 3: .string("fsType"),
        4: .bool("readOnly", dropsZero: true), 5: .pointer("secretRef", localObjectReference),
    ])
    private static let csiVolumeSource = ProtobufMessage([
        1: .requiredString("driver"), 2: .bool("readOnly"), 3: .optionalString("fsType"),
        4: .stringMap("volumeAttributes"), 5: .pointer("nodePublishSecretRef", localObjectReference),
    ])
    private static let volumeResourceRequirements = ProtobufMessage([
        1: .quantities("limits"), 2: .quantities("requests"),
    ])
    private static let typedLocalObjectReference = ProtobufMessage([
        1: .optionalString("apiGroup"), 2: .requiredString("kind"), 3: .requiredString("name"),
    ])
    private static let typedObjectReference = ProtobufMessage([
        1: .optionalString("apiGroup"), 2: .requiredString("kind"), 3: .requiredString("name"),
        4: .optionalString("namespace"),
    ])
    private static let persistentVolumeClaimSpec = ProtobufMessage([
        1: .strings("accessModes"), 2: .structure("resources", volumeResourceRequirements), 3: .string("volumeName"),
        4: .pointer("selector", selector), 5: .optionalString("storageClassName"), 6: .optionalString("volumeMode"),
        7: .pointer("dataSource", typedLocalObjectReference), 8: .pointer("dataSourceRef", typedObjectReference),
        9: .optionalString("volumeAttributesClassName"),
    ])
    private static let persistentVolumeClaimTemplate = ProtobufMessage([
        1: .structure("metadata", completeObjectMeta), 2: .structure("spec", persistentVolumeClaimSpec),
    ])
    private static let ephemeralVolumeSource = ProtobufMessage([
        1: .pointer("volumeClaimTemplate", persistentVolumeClaimTemplate)
    ])
    private static let imageVolumeSource = ProtobufMessage([1: .string("reference"), 2: .string("pullPolicy")])
    private static let volumeSource = ProtobufMessage([
        1: .pointer("hostPath", hostPathVolumeSource), 2: .pointer("emptyDir", emptyDirVolumeSource),
        3: .pointer("gcePersistentDisk", gcePersistentDiskVolumeSource),
        4: .pointer("awsElasticBlockStore", awsElasticBlockStoreVolumeSource),
        5: .pointer("gitRepo", gitRepoVolumeSource), 6: .pointer("secret", secretVolumeSource),
        7: .pointer("nfs", nfsVolumeSource), 8: .pointer("iscsi", iscsiVolumeSource),
        9: .pointer("glusterfs", glusterfsVolumeSource),
        10: .pointer("persistentVolumeClaim", persistentVolumeClaimVolumeSource), 11: .pointer("rbd", rbdVolumeSource),
        12: .pointer("flexVolume", flexVolumeSource), 13: .pointer("cinder", cinderVolumeSource),
        14: .pointer("cephfs", cephFSVolumeSource), 15: .pointer("flocker", flockerVolumeSource),
        16: .pointer("downwardAPI", downwardAPIVolumeSource), 17: .pointer("fc", fcVolumeSource),
        18: .pointer("azureFile", azureFileVolumeSource), 19: .pointer("configMap", configMapVolumeSource),
        20: .pointer("vsphereVolume", vsphereVirtualDiskVolumeSource), 21: .pointer("quobyte", quobyteVolumeSource),
        22: .pointer("azureDisk", azureDiskVolumeSource),
        23: .pointer("photonPersistentDisk", photonPersistentDiskVolumeSource),
        24: .pointer("portworxVolume", portworxVolumeSource), 25: .pointer("scaleIO", scaleIOVolumeSource),
        26: .pointer("projected", projectedVolumeSource), 27: .pointer("storageos", storageOSVolumeSource),
        28: .pointer("csi", csiVolumeSource), 29: .pointer("ephemeral", ephemeralVolumeSource),
        30: .pointer("image", imageVolumeSource),
    ])

    /// A volume of a pod, with every source.
    static let volume = ProtobufMessage([1: .requiredString("name"), 2: .inlined(volumeSource)])
}
