import FoundationEssentials
import NotaryVerification
public import OCIModel
import OCIRegistry

extension ImageJudge {
    /// Asks for everything that a judgement of the image may rest on, under whatever policies: a judgement asks no more once
    /// something vouches, and who judges by other policies later may not be satisfied by that.
    ///
    /// What comes back is the registry's recorder's to keep.
    ///
    /// - Parameters:
    ///   - image: the image.
    ///   - context: what is known of it besides.
    public func gather(_ image: ImageReference, in context: ImageContext) async {
        let evidence = ImageEvidence(
            registry: registry,
            image: image,
            context: context,
            maximumSignatures: maximumSignatures
        )
        guard case .success(let resolved) = await evidence.resolution() else { return }
        guard await Self.gather(resolved.descriptor, evidence) else { return }
        switch await evidence.alternative() {
        case .nothing: return
        case .platforms(let platforms):
            for platform in platforms {
                guard await Self.gather(platform, evidence) else { return }
            }
        case .indexes(let hints):
            for hint in hints {
                guard case .success(let indexes) = await evidence.indexes(hint) else { continue }
                for index in indexes {
                    guard await Self.gather(index, evidence) else { return }
                }
            }
        }
    }

    /// Asks for the signatures of one manifest.
    ///
    /// - Returns: whether the registry could be asked.
    private static func gather(_ subject: Descriptor, _ evidence: ImageEvidence) async -> Bool {
        guard case .success(let candidates) = await evidence.candidates(for: subject) else { return false }
        return await evidence.signatures(among: candidates, of: subject).unreachable.isEmpty
    }
}
