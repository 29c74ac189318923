import TrustModel

/// What a run found, in the order in which the images were given.
struct VerificationReport: Sendable {
    /// The images.
    var images: [VerifiedImage]

    /// How many images there are of each verdict; skipped ones are counted apart.
    struct Counts: Sendable, Hashable {
        var trusted = 0
        var untrusted = 0
        var unsupported = 0
        var unknown = 0
        var skipped = 0
    }

    /// The counts.
    var counts: Counts {
        var counts = Counts()
        for image in images {
            if image.standing == .skipped {
                counts.skipped += 1
                continue
            }
            switch image.judgement.verdict {
            case .trusted: counts.trusted += 1
            case .untrusted: counts.untrusted += 1
            case .unsupported: counts.unsupported += 1
            case .unknown: counts.unknown += 1
            }
        }
        return counts
    }

    /// The exit status: a rejected image outweighs an outage, an outage outweighs trust.
    var exitStatus: ExitStatus {
        if images.contains(where: { $0.standing == .rejected }) { return .notTrusted }
        return images.contains { $0.standing == .unavailable } ? .unavailable : .success
    }
}
