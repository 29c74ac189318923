/// Which series it is: its family, and the values of its labels in the family's order.
struct SeriesIdentity: Sendable {
    let name: String
    let labels: [String]
}
