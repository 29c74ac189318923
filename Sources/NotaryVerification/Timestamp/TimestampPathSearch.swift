import FoundationEssentials
import SigningFormats

/// Looks for a path from a time-stamping certificate, through the certificates of the token, to a root of a trust store.
///
/// A token may hold certificates that lead in circles or to many places, so the number of signatures verified is bounded.
struct TimestampPathSearch {
    private let stores: [CompiledTrustStore]
    private let info: TimestampInfo
    private let signingTime: Date?
    private let intermediates: [X509Certificate]
    private var attemptsLeft = SigningLimits.timestampPathAttempts
    /// Why a path that led to a root did not serve; the first one speaks.
    private var failure: TimestampFailure?

    init(stores: [CompiledTrustStore], token: TimestampToken, signer: TimestampSigner) {
        self.stores = stores
        info = token.info
        signingTime = signer.attributes?.signingTime
        intermediates = token.certificates
    }

    /// The chain, and the trust store that holds its root.
    mutating func path(from leaf: X509Certificate) throws(TimestampFailure) -> (chain: CertificateChain, store: String)
    {
        if let found = search([leaf], leaf) { return found }
        throw failure
            ?? TimestampFailure(
                .stranger,
                "is signed by \(leaf), whose chain ends in no root of \(stores.map(\.reference).joined(separator: ", ")); "
                    + "add the root of that time-stamping authority if it is trusted"
            )
    }

    private mutating func search(
        _ path: [X509Certificate],
        _ last: X509Certificate
    ) -> (chain: CertificateChain, store: String)? {
        if let store = stores.first(where: { $0.holds(last) }) {
            do throws(TimestampFailure) {
                return (try chain(path), store.reference)
            } catch {
                failure = failure ?? error
                return nil
            }
        }
        guard path.count < SigningLimits.chainCertificates else { return nil }
        for candidate in stores.flatMap(\.roots) + intermediates
        where candidate.subject == last.issuer && !path.contains(candidate) {
            guard attemptsLeft > 0 else {
                failure = failure ?? TimestampFailure(.pathAttempts, "holds certificates that lead to too many places")
                return nil
            }
            attemptsLeft -= 1
            guard last.hasValidSignature(from: candidate) else { continue }
            if let found = search(path + [candidate], candidate) { return found }
        }
        return nil
    }

    /// Whether a path to a root obeys the rules for chains of time-stamping authorities, at the time of the timestamp.
    ///
    /// It need not be valid today: what such a chain has vouched for stays true (RFC 3161 §4).
    private func chain(_ path: [X509Certificate]) throws(TimestampFailure) -> CertificateChain {
        let chain: CertificateChain
        do throws(SigningFormatError) {
            chain = try CertificateChain(timestamping: path)
        } catch {
            throw TimestampFailure(.chain, "is not made by a proper time-stamping authority: \(error.message)")
        }
        for certificate in path {
            guard info.lies(within: certificate, accuracy: .zero) else {
                throw TimestampFailure(
                    .validity,
                    "says \(info.time.formatted(.iso8601)), when the authority's certificate \(certificate) was not valid"
                )
            }
            guard signingTime.map({ certificate.isValid(at: $0) }) ?? true else {
                throw TimestampFailure(
                    .validity,
                    "has a signing time at which the authority's certificate \(certificate) was not valid"
                )
            }
        }
        return chain
    }
}
