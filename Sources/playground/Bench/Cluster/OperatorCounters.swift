import Foundation

/// What an operator has counted of its own requests to the API server, from its `/metrics`.
///
/// It says on every cluster what the stand-in's log says on the stand-in, but for the resources that were asked for. The
/// Lease is all that is written with PUT.
struct OperatorCounters: Sendable, Equatable {
    /// Requests by method, whatever became of them.
    let requests: [String: Int]
    /// Lists that were asked for to fill a copy.
    let lists: Int

    /// Every request.
    var total: Int { requests.values.reduce(0, &+) }
    /// Requests that may change something, other than who leads.
    var writes: Int { total &- (requests["GET"] ?? 0) &- renewals }
    /// Writes of the Lease.
    var renewals: Int { requests["PUT"] ?? 0 }

    private init(requests: [String: Int], lists: Int) {
        self.requests = requests
        self.lists = lists
    }

    /// Reads Prometheus' text format; what is not asked about here is left out.
    init(_ text: String) {
        var requests: [String: Int] = [:]
        var lists = 0
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]),
                let count = Int(exactly: value.rounded())
            else { continue }
            switch line.prefix(while: { $0 != "{" && $0 != " " }) {
            case "rest_client_requests_total":
                if let method = Self.label("method", of: line) { requests[method, default: 0] &+= count }
            case "reflector_lists_total":
                lists &+= count
            default:
                break
            }
        }
        self.init(requests: requests, lists: lists)
    }

    /// What was counted after `earlier`.
    func since(_ earlier: OperatorCounters) -> OperatorCounters {
        OperatorCounters(
            requests: requests.merging(earlier.requests) { $0 &- $1 },
            lists: lists &- earlier.lists
        )
    }

    private static func label(_ name: String, of line: Substring) -> String? {
        guard let range = line.range(of: "\(name)=\"") else { return nil }
        return String(line[range.upperBound...].prefix { $0 != "\"" })
    }
}
