import FoundationEssentials

@testable import KubernetesRuntime

/// How much memory this process has, in KiB (proc(5)); `nil` where that cannot be found out.
enum ResidentMemory {
    private static func field(_ name: String) -> Int? {
        guard let status = FileManager.default.contents(atPath: "/proc/self/status") else { return nil }
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
    }

    /// What is in use: without code and other files that are mapped, after what is free was given back.
    static var inUse: Int? {
        UnusedMemory.giveBack()
        return field("RssAnon")
    }

    /// The most that it had since the last reset, files included.
    static var peak: Int? { field("VmHWM") }

    /// Lets the peak begin anew (`clear_refs`).
    ///
    /// - Returns: what it has now, files included.
    static func resetPeak() -> Int? {
        guard (try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))) != nil else { return nil }
        return field("VmRSS")
    }
}
