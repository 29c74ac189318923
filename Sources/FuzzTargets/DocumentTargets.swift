import FoundationEssentials
import JSONModel
import OCIModel
import TrustModel
import TrustResources

@testable import VigilCommand

/// The files that people name on the command line.
enum DocumentTargets {
    static let all = [
        DecoderTarget("yaml", yaml),
        DecoderTarget("operator-configuration", configuration),
        DecoderTarget("trust-policy-resource", policy),
        DecoderTarget("oci-layout", layout),
    ]

    private static func yaml(_ bytes: [UInt8]) throws {
        let file = InputFiles.File(name: "input.yaml", bytes: bytes, isNamed: true)
        guard let documents = try? DocumentReader.read(file), let text = String(validating: bytes, as: UTF8.self) else {
            return
        }
        let places = SourcePlaces(text)
        var images = ManifestImages()
        for document in documents {
            _ = PolicyDocument(document)
            _ = places.place(of: "spec.authorities[0].name", inDocument: document.number)
            try? images.add(document)
            let written = JSONSerializer().bytes(document.value)
            let limits = JSONLimits(maximumDepth: 512)
            try demand((try? JSONParser(limits: limits).parse(written)) == document.value, "a document is a JSON value")
        }
    }

    private static func configuration(_ bytes: [UInt8]) throws {
        let file: ConfigurationFile
        do throws(ConfigurationProblems) {
            file = try ConfigurationFile(bytes, name: "vigil.yaml")
        } catch {
            try demand(!error.all.isEmpty && error.all.count <= ConfigurationProblems.maximum, "problems are counted")
            return
        }
        for (key, assignment) in file.assignments {
            guard let setting = Setting.byKey[key] else { throw BrokenPromise("\(key) is a setting") }
            try demand(setting.effect != .notInFile, "what belongs to one replica is not in a file")
            var configuration = OperatorConfiguration()
            setting.assign(assignment.value, &configuration)
            try demand(setting.value(configuration) == assignment.value, "\(key) is what the file says")
            let read =
                if case .texts(let texts) = assignment.value {
                    try? setting.kind.read(repeated: texts)
                } else {
                    try? setting.kind.read(text: assignment.value.text)
                }
            try demand(read == assignment.value, "\(key) can be written as a flag")
        }
    }

    /// A policy as an API server gives it, of either kind.
    private static func policy(_ bytes: [UInt8]) throws {
        guard let value = try? JSONParser(limits: JSONLimits(maximumDepth: 64)).parse(bytes) else { return }
        for isCluster in [false, true] {
            let problems = PolicyDocument.schema(isCluster: isCluster).validate(value)
            try demand(problems.count <= 64, "problems are counted")
            guard let object = try? PolicyDocument.Object(value, isCluster: isCluster) else { continue }
            if !isCluster {
                let namespaces = Set(object.certificateReferences.compactMap(\.object?.namespace))
                try demand(
                    namespaces.isSubset(of: [object.namespace ?? "default"]),
                    "a policy of a namespace reads nothing of another"
                )
            }
            let compiled: CompiledPolicy
            do throws(PolicyProblems) {
                compiled = try object.compiled(PolicyCompiler(), now: Date(timeIntervalSince1970: 1_700_000_000))
            } catch {
                try demand(!error.problems.isEmpty, "a refusal has a reason")
                continue
            }
            try demand(PolicyCompiler.intervalBounds.contains(compiled.interval), "an interval is within its bounds")
            try demand(compiled.maxStaleness >= compiled.interval, "a verdict lives until the next one")
            let authorities = compiled.policy.authorities.count
            try demand(
                authorities == 0 || compiled.policy.require.threshold(of: authorities) <= authorities,
                "what is required can be met"
            )
        }
    }

    /// The first line is `index.json`; each further one is the manifest that the last digit of a digest numbers.
    private static func layout(_ bytes: [UInt8]) throws {
        let lines = bytes.split(separator: 0x0A, maxSplits: 16, omittingEmptySubsequences: false).map { Array($0) }
        guard let json = try? JSONParser().parse(lines[0]),
            let index = try? ImageIndex(json: json, mediaType: .ociIndex)
        else { return }
        var reads: [Digest: Int] = [:]
        let walked = try? LayoutGraph(index, path: "layout") { digest in
            reads[digest, default: 0] += 1
            let number = digest.hex.last.flatMap(\.hexDigitValue) ?? 0
            return lines.dropFirst().dropFirst(number).first
        }
        try demand(reads.values.allSatisfy { $0 == 1 }, "each manifest is read once, whatever lists it")
        guard let graph = walked else { return }
        for digest in graph.tags.values.joined() {
            try demand(graph.descriptors[digest] != nil, "what a tag names is listed")
        }
        for subject in Set(graph.descriptors.keys).union(graph.referrers.keys) {
            let listed = graph.listing(subject, tag: "sha256-0").map(\.digest)
            try demand(!listed.contains(subject), "nothing refers to itself")
            try demand(Set(listed).count == listed.count, "what refers to a manifest is listed once")
            for parent in graph.indexes[subject] ?? [] {
                let children = graph.children[parent.digest] ?? []
                try demand(children.contains { $0.digest == subject }, "an index lists what it is said to list")
            }
        }
    }
}
