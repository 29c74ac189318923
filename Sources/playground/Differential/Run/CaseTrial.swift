import FoundationEssentials
import JSONModel
import OCIModel

/// One case from its recipe to the comparison.
struct CaseTrial: Sendable {
    let tools: Toolbox
    let publisher: CasePublisher
    /// Where certificates send those who ask about revocation.
    let services: LoopbackServer

    func run(_ recipe: DifferentialCase) async throws -> ComparedCase {
        let differential = try recipe.revocation?.arrange(recipe, on: services, now: Date()) ?? recipe
        let chains = try differential.signatures.map { try $0.chain.make() }
        let subject = try await publisher.publish(differential, chains: chains)
        let repository = publisher.upload.repository
        let reference = "\(repository)@\(subject.digest)"
        try await ToolSigner(tools: tools).sign(differential, reference: reference)
        let folder = CaseFolder(path: "\(tools.folder.path)/cases/\(differential.name)")
        let anchored = differential.trust.anchoredSignature
        try folder.write(
            differential.trust,
            chain: anchored < chains.count ? chains[anchored] : nil,
            repository: repository
        )
        let runner = CaseRunner(tools: tools)
        let theirs = try await runner.notation(folder, differential.arguments, reference: reference)
        let ours = try await runner.vigil(folder, differential.arguments, reference: reference)
        let notation = Judgement(notation: theirs)
        let vigil = Judgement(vigil: ours)
        return ComparedCase(
            name: differential.name,
            expected: differential.expected,
            notation: notation,
            vigil: vigil,
            notationMessage: Self.notationMessage(theirs),
            vigilMessage: Self.message(ours),
            commandLines: runner.commandLines(folder, differential.arguments, reference: reference),
            result: ComparisonResult(expected: differential.expected, notation: notation, vigil: vigil)
        )
    }

    private static func message(_ vigil: CaseRunner.Outcome) -> String {
        let report = try? JSONParser().parse(Array(vigil.output.utf8))
        let image = report?["images"]?.array?.first
        return short(image?["message"]?.string ?? vigil.errors + vigil.output)
    }

    /// Without what notation tells about its progress.
    private static func notationMessage(_ outcome: CaseRunner.Outcome) -> String {
        let lines = (outcome.errors + outcome.output).split(separator: "\n").filter { !$0.contains("level=info") }
        return short(lines.joined(separator: "\n"))
    }

    private static func short(_ text: String) -> String {
        String(text.split(separator: "\n").joined(separator: " · ").prefix(600))
    }
}
