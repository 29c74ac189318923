import Foundation

/// What a process that still runs has taken so far, from `/proc`.
struct ProcessFigures: Sendable {
    /// Resident memory now, in bytes.
    let residentBytes: Int
    /// The part of it that is no page of a file, in bytes: what the process itself has filled.
    let ownBytes: Int
    /// The most memory that was resident, in bytes.
    let peakBytes: Int
    /// In user mode and in the kernel, all threads.
    let cpu: Duration

    /// Reads the figures of a process; `nil` when it has ended, and where there is no `/proc`.
    init?(of process: pid_t) {
        guard let resident = Self.memory("VmRSS", of: process), let own = Self.memory("RssAnon", of: process),
            let peak = Self.memory("VmHWM", of: process), let cpu = Self.cpu(of: process)
        else { return nil }
        residentBytes = resident
        ownBytes = own
        peakBytes = peak
        self.cpu = cpu
    }

    /// A line of the process's status, in bytes.
    static func memory(_ name: String, of process: pid_t) -> Int? {
        let text = FileManager.default.contents(atPath: "/proc/\(process)/status") ?? Data()
        for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: Data("\(name):".utf8)) {
            let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            return words.dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
        }
        return nil
    }

    private static func cpu(of process: pid_t) -> Duration? {
        let text = FileManager.default.contents(atPath: "/proc/\(process)/stat") ?? Data()
        // The second field, the name in parentheses, may hold spaces.
        guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = String(decoding: text[end...], as: UTF8.self).split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else { return nil }
        return .milliseconds((user + system) * 1000 / max(1, sysconf(Int32(_SC_CLK_TCK))))
    }
}
