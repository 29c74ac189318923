import OCIModel
import TrustModel

extension ImageJudgement {
    /// Which manifest carried the evidence, for people; `nil` where none did.
    var carrierText: String? {
        guard let carrier, let verifiedDigest else { return nil }
        let kind = carrier == .index ? "index" : "platform manifest"
        let relation =
            switch (carrier, verifiedDigest == digest) {
            case (_, true): "which is the image itself"
            case (.index, false): "which lists the image"
            case (.platform, false): "which the image lists"
            }
        return "evidence: on \(kind) \(verifiedDigest), \(relation)"
    }
}
