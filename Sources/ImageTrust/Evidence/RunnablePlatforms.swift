import OCIModel

/// Which entries of an index a container runtime could run.
///
/// Every doubt counts as "could run": whoever writes an index can dress up an entry so that a verifier passes over it
/// and a runtime does not. Annotations exclude nothing, an entry without platform fits every node, and variants are not
/// told apart, because runtimes fall back from one to another.
enum RunnablePlatforms {
    /// The entries of `index` that could run on `platform`, or on any platform where that is `nil`.
    static func entries(of index: ImageIndex, on platform: Platform?) -> [Descriptor] {
        index.manifests.filter { couldRun($0.platform, on: platform) }
    }

    /// Whether what an index lists under a platform could run on `wanted`, or on any platform where that is `nil`.
    static func couldRun(_ listed: Platform?, on wanted: Platform?) -> Bool {
        guard let listed else { return true }
        // What builders list attestations under (BuildKit, attestation-storage.md); no node calls itself that.
        if listed.os == "unknown", listed.architecture == "unknown" { return false }
        guard let wanted else { return true }
        // Runtimes normalise other spellings, such as x86_64: only names that are their own normal form tell apart.
        if systems.contains(wanted.os), systems.contains(listed.os), wanted.os != listed.os { return false }
        guard let ours = families[wanted.architecture], let theirs = families[listed.architecture] else { return true }
        return ours == theirs
    }

    private static let systems: Set<String> = [
        "aix", "darwin", "freebsd", "illumos", "linux", "netbsd", "openbsd", "windows",
    ]

    /// GOARCH values and the family each belongs to: nodes of a family may run what was built for another member.
    private static let families: [String: String] = [
        "386": "x86", "amd64": "x86", "arm": "arm", "arm64": "arm", "loong64": "loong64", "mips": "mips",
        "mipsle": "mipsle", "mips64": "mips64", "mips64le": "mips64le", "ppc64": "ppc64", "ppc64le": "ppc64le",
        "riscv64": "riscv64", "s390x": "s390x",
    ]
}
