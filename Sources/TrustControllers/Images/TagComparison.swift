import ImageTrust
import OCIModel
import TrustResources

/// Compares where the tags of an image lead with what runs by them.
struct TagComparison: Sendable {
    let judgements: SharedJudgements
    /// How the image is read.
    let access: ImageAccess?
    /// How old an answer may be.
    let age: Duration

    /// The tags that lead elsewhere, in order.
    ///
    /// A tag that is gone leads nowhere, and that is nothing to tell: what runs was never found by it again.
    ///
    /// - Returns: the tags; `nil` when one of them could not be asked about.
    func movedTags(among tags: [ImageSituation.FollowedTag]) async -> [MovedTag]? {
        var moved: [MovedTag] = []
        for followed in tags {
            switch await judgements.standing(
                of: followed.tag,
                running: followed.image,
                reading: access,
                within: age
            ) {
            case .same, .absent: continue
            case .unknown: return nil
            case .moved(let target):
                moved.append(
                    MovedTag(repository: followed.image.repository, tag: followed.tag, target: target)
                )
            }
        }
        return moved
    }
}
