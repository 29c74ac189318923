/// A POSIX shell script that signs images.
///
/// It says what it would do unless it is told to do it, goes on where it stopped, and goes on after a failure. What is cut
/// short on the way to a file does nothing: only its last line begins.
public struct BulkSignScript: Sendable, Hashable {
    /// The text.
    public let text: String

    /// Writes the script.
    ///
    /// - Parameters:
    ///   - plan: the images.
    ///   - tool: what signs them.
    ///   - scope: what was looked at, for people, in one line.
    public init(_ plan: BulkSignPlan, tool: BulkSignTool, scope: String) {
        let count = plan.images.count
        let omissions = plan.leftOut.sorted { $0.key < $1.key }.map { "#   \($0.value)  \($0.key.text)" }
        let notes = omissions.isEmpty ? [] : ["#", "# Left out:"] + omissions
        text =
            ([
                "#!/bin/sh",
                "# Signs with \(tool.rawValue) what runs in \(Self.comment(scope)), was looked at, and is unsigned: "
                    + "\(count) \(count == 1 ? "image" : "images").",
            ] + notes + [Self.head(tool)] + plan.images.map { "    \(tool.line($0))" } + [Self.tail])
            .joined(separator: "\n")
    }

    /// Text that cannot end the comment it stands in.
    private static func comment(_ text: String) -> String {
        String(text.map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 } ? "?" : $0 }.prefix(200))
    }

    private static func head(_ tool: BulkSignTool) -> String {
        """
        #
        #   sh FILE                       says what it would sign, and signs nothing
        #   sh FILE --sign [argument…]    signs; the arguments are given to \(tool.rawValue)
        #
        # What is signed is written into the file \(stateName), or the one that VIGIL_SIGN_STATE names, and
        # not signed again. It needs the rights to write into the registries, and asks for no password itself.
        set -u

        usage() {
            echo 'usage: sh FILE [--sign [argument ...]]' >&2
            exit 2
        }

        # sign IMAGE COMMAND...: does it unless it is done.
        sign() {
            image=$1
            shift
            if [ -f "$state" ] && grep -qxF -e "\(tool.rawValue) $image" "$state"; then
                before=$((before + 1))
            elif [ "$mode" = dry ]; then
                printf 'would sign %s\\n' "$image"
                todo=$((todo + 1))
            elif "$@"; then
                printf '%s\\n' "\(tool.rawValue) $image" >>"$state" || exit 1
                printf 'signed %s\\n' "$image"
                signed=$((signed + 1))
            else
                printf 'not signed: %s\\n' "$image" >&2
                failed=$((failed + 1))
            fi
        }

        main() {
            mode=dry
            state=${VIGIL_SIGN_STATE:-\(stateName)}
            before=0 todo=0 signed=0 failed=0
            if [ $# -gt 0 ]; then
                [ "$1" = --sign ] || usage
                mode=sign
                shift
                if ! command -v \(tool.rawValue) >/dev/null 2>&1; then
                    echo '\(tool.rawValue) is not in PATH' >&2
                    exit 127
                fi
            fi
        """
    }

    private static let stateName = "vigil-bulk-sign.done"

    private static let tail = """
            if [ "$mode" = dry ]; then
                echo "$todo to sign, $before signed before; sh FILE --sign does it"
            else
                echo "$signed signed, $before signed before, $failed failed"
            fi
            [ "$failed" -eq 0 ]
        }

        main "$@"

        """
}
