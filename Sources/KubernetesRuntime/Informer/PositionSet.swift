/// A set of positions in an array, small: most terms of an index lead to one object or a few.
enum PositionSet: Sendable, Equatable {
    case one(UInt32)
    /// In ascending order; two or more.
    case several([UInt32])

    var count: Int {
        switch self {
        case .one: 1
        case .several(let positions): positions.count
        }
    }

    /// The positions, in ascending order.
    var positions: [UInt32] {
        switch self {
        case .one(let position): [position]
        case .several(let positions): positions
        }
    }

    mutating func insert(_ position: UInt32) {
        switch self {
        case .one(position): return
        case .one(let only): self = .several(only < position ? [only, position] : [position, only])
        case .several(var positions):
            // Two owners would make every insertion a copy.
            self = .one(position)
            let index = Self.index(of: position, in: positions)
            if index == positions.count || positions[index] != position { positions.insert(position, at: index) }
            self = .several(positions)
        }
    }

    /// Takes a position out.
    ///
    /// - Returns: whether any is left.
    mutating func remove(_ position: UInt32) -> Bool {
        switch self {
        case .one(let only): return only != position
        case .several(var positions):
            self = .one(position)
            let index = Self.index(of: position, in: positions)
            if index < positions.count, positions[index] == position { positions.remove(at: index) }
            self = positions.count == 1 ? .one(positions[0]) : .several(positions)
            return true
        }
    }

    /// Where `position` is, or belongs.
    private static func index(of position: UInt32, in positions: [UInt32]) -> Int {
        // Positions are given in ascending order, so that most belong at the end.
        guard let last = positions.last, last >= position else { return positions.count }
        var (low, high) = (0, positions.count)
        while low < high {
            let middle = (low + high) / 2
            if positions[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
