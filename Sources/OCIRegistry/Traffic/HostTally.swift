/// Something counted for each host, with a bound on how many are told apart: the first that come keep their names, the
/// rest are counted together as ``others``.
///
/// Hosts are named by whoever creates pods, so their number is nobody's promise.
public struct HostTally<Value: Sendable>: Sendable {
    /// What the hosts that are not told apart are called.
    public static var others: String { "other" }
    /// How many hosts are told apart.
    public static var maximumHosts: Int { 50 }

    /// The values by host.
    public private(set) var values: [String: Value] = [:]
    private let zero: Value

    /// Creates an empty tally, in which each host begins with `zero`.
    public init(zero: Value) { self.zero = zero }

    /// The name under which a host is counted.
    public func name(_ host: String) -> String {
        values[host] != nil || values.count < Self.maximumHosts ? host : Self.others
    }

    /// Changes what is counted for a host.
    public mutating func change(_ host: String, _ body: (inout Value) -> Void) {
        let (name, zero) = (name(host), zero)
        body(&values[name, default: zero])
    }
}
