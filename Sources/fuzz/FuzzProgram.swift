import FoundationEssentials
import FuzzTargets

/// The program that feeds the decoders.
///
/// Built with libFuzzer, as `make fuzz` does, it fuzzes the decoder that `DECODER` names, and its arguments are those of
/// libFuzzer. Built without, it tries the corpus and seeded mutations of it, without coverage to guide them.
enum FuzzProgram {
    /// The decoder that libFuzzer feeds.
    static let chosen = ProcessInfo.processInfo.environment["DECODER"].flatMap { DecoderCatalog.target($0) }

    static let usage = """
        usage: fuzz --list
               fuzz --mutate SEED COUNT CORPUS LAST-INPUT-FILE
               fuzz --replay DECODER FILE...
               DECODER=name fuzz [libFuzzer options]      (when built by make fuzz)
        """

    /// Does what the arguments say.
    ///
    /// - Returns: the exit status.
    static func run(_ arguments: [String]) -> CInt {
        do {
            switch (arguments.first, arguments.count) {
            case ("--list", 1):
                for target in DecoderCatalog.all { print(target.name, target.maximumLength) }
                return 0
            case ("--mutate", 5):
                guard let seed = UInt64(arguments[1]), let count = Int(arguments[2]) else { break }
                return try mutate(seed: seed, count: count, corpus: arguments[3], last: arguments[4])
            case ("--replay", 3...):
                guard let target = DecoderCatalog.target(arguments[1]) else { break }
                for path in arguments.dropFirst(2) { try replay(path, target) }
                return 0
            default: break
            }
        } catch {
            print("fuzz: \(error)")
            return 1
        }
        print(usage)
        return 2
    }

    /// Feeds every decoder with its corpus and with `count` inputs in all; the input at hand always lies in `last`.
    private static func mutate(seed: UInt64, count: Int, corpus: String, last: String) throws -> CInt {
        for target in DecoderCatalog.all {
            let seeds = try files(in: "\(corpus)/\(target.name)")
            let inputs = Mutator(corpus: seeds, maximumLength: target.maximumLength, seed: seed)
            for input in inputs.prefix(max(count, seeds.count)) {
                try Data(input).write(to: URL(filePath: last))
                do {
                    try input.withUnsafeBytes { try target.decode($0) }
                } catch {
                    print("\(target.name): a promise is broken: \(error)")
                    return 1
                }
            }
            print("\(target.name): \(seeds.count) seeds, \(max(count, seeds.count)) inputs")
        }
        return 0
    }

    private static func replay(_ path: String, _ target: DecoderTarget) throws {
        let bytes = try Data(contentsOf: URL(filePath: path))
        try Array(bytes).withUnsafeBytes { try target.decode($0) }
        print("\(path): nothing is wrong")
    }

    /// The contents of the files of a folder, in the order of their names.
    private static func files(in folder: String) throws -> [[UInt8]] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
        }
    }
}
