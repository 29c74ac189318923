import ImageTrust
import OCIModel

/// Where the policies of a run come from.
protocol PolicySource: Sendable {
    /// The policies that speak for an image, in a stable order; none if nobody speaks for it.
    ///
    /// - Parameters:
    ///   - repository: the image's repository; `nil` where its reference cannot be read.
    ///   - name: the repository as somebody wrote it, with its registry; `nil` where that is `repository` in full.
    ///   - source: where the image was found; `nil` for an image of the command line.
    /// - Returns: the policies, ready to be applied.
    /// - Throws: ``InputError`` when a policy that speaks for the image cannot be applied.
    mutating func policies(
        for repository: RepositoryName?,
        written name: String?,
        in source: ImageSource?
    ) throws(InputError) -> [PreparedPolicy]

    /// What the policies that were asked for are made of, so that another machine can judge by them.
    var evidence: EvidenceBundle.Policies { get }

    /// The policies that do not speak for an image, in a stable order, and why.
    ///
    /// - Parameters:
    ///   - repository: the image's repository; `nil` where its reference cannot be read.
    ///   - name: the repository as somebody wrote it, with its registry; `nil` where that is `repository` in full.
    ///   - source: where the image was found; `nil` for an image of the command line.
    /// - Returns: each policy that does not speak, once.
    func silences(
        about repository: RepositoryName?,
        written name: String?,
        in source: ImageSource?
    ) -> [PolicySilence]
}
