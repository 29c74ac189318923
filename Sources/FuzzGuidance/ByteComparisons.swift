/// The comparisons of single bytes with constants that the input at hand led to.
///
/// libFuzzer keeps comparisons of four and eight bytes, and tries their operands in the input. It does not do so with
/// single bytes, which decoders compare more than anything else: four of them in a row are a wall for it. So they are kept
/// here. Everything happens on the one thread that libFuzzer runs inputs on, and this target is built without
/// instrumentation, for it would call itself.
public enum ByteComparisons {
    nonisolated(unsafe) private static var table = Table()

    /// One slot for each constant.
    struct Table {
        /// What was last seen where the constant was not; negative when nothing was.
        private var seen = [Int16](repeating: -1, count: 256)
        /// The constants that were compared, each once.
        private var constants: [UInt8] = []

        init() { constants.reserveCapacity(256) }

        mutating func forget() {
            for constant in constants { seen[Int(constant)] = -1 }
            constants.removeAll(keepingCapacity: true)
        }

        mutating func record(_ constant: UInt8, _ value: UInt8) {
            guard constant != value else { return }
            if seen[Int(constant)] < 0 { constants.append(constant) }
            seen[Int(constant)] = Int16(value)
        }

        /// Makes one comparison hold: its constant goes where a byte stands like the one that was compared with it.
        ///
        /// - Parameters:
        ///   - bytes: the input.
        ///   - seed: chooses the comparison and the place.
        /// - Returns: whether there was such a byte.
        func satisfy(_ bytes: UnsafeMutableBufferPointer<UInt8>, seed: UInt32) -> Bool {
            guard !constants.isEmpty, !bytes.isEmpty else { return false }
            let constant = constants[Int(seed & 0xFF) % constants.count]
            let value = UInt8(truncatingIfNeeded: seen[Int(constant)])
            let start = Int(seed >> 8) % bytes.count
            for index in [start..<bytes.count, 0..<start].joined() where bytes[index] == value {
                bytes[index] = constant
                return true
            }
            return false
        }
    }

    /// Begins with another input.
    public static func forget() { table.forget() }

    fileprivate static func record(_ constant: UInt8, _ value: UInt8) { table.record(constant, value) }

    fileprivate static func satisfy(_ bytes: UnsafeMutableBufferPointer<UInt8>, seed: UInt32) -> Bool {
        table.satisfy(bytes, seed: seed)
    }
}

#if FUZZING
    /// What instrumented code calls for each comparison of a byte with a constant (`--wrap` in Package.swift).
    @_cdecl("__wrap___sanitizer_cov_trace_const_cmp1")
    func recordByteComparison(_ constant: UInt8, _ value: UInt8) { ByteComparisons.record(constant, value) }

    /// libFuzzer's own mutations.
    @_silgen_name("LLVMFuzzerMutate")
    private func mutate(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ maximum: Int) -> Int

    /// What libFuzzer calls to change an input: every other time, one comparison is made to hold.
    @_cdecl("LLVMFuzzerCustomMutator")
    func changeInput(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ maximum: Int, _ seed: UInt32) -> Int {
        let input = UnsafeMutableBufferPointer(start: bytes, count: count)
        let isSatisfied = seed & 1 == 1 && ByteComparisons.satisfy(input, seed: seed >> 1)
        return isSatisfied ? count : mutate(bytes, count, maximum)
    }
#endif
