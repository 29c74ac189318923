import NotaryVerification

/// A request about revocation with its answer, in an order that does not depend on when it was asked.
struct BundleRevocation: Comparable {
    let request: RevocationRequest
    let answer: RevocationAnswer

    static func < (left: BundleRevocation, right: BundleRevocation) -> Bool {
        let (first, second) = (left.key, right.key)
        guard first.0 == second.0 else { return first.0 < second.0 }
        return first.1.lexicographicallyPrecedes(second.1)
    }

    private var key: (String, [UInt8]) {
        switch request {
        case .revocationList(let url): ("list \(url)", [])
        case .ocsp(let url, let der): ("ocsp \(url)", der)
        }
    }
}
