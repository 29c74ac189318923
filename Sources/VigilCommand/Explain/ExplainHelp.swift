/// The long part of `vigil explain --help`.
enum ExplainHelp {
    static let text = """
        The image is judged exactly as vigil verify judges it, and everything on the way is told: which policies speak \
        for it and which do not, what was asked of the registry and of revocation services, and for every signature and \
        every authority which step of the verification passed, failed, was left out or was not reached, and why. The \
        last line decides.

        Names in certificates that no trust store vouches for are what a stranger wrote; what others wrote is escaped.

        EXAMPLES
          vigil explain registry.example.com/shop/web:v1 --policy policy.yaml
          vigil explain -o json registry.example.com/shop/web:v1 | jq '.policies[].authorities[].manifests[].signatures'

        EXIT STATUS
          As vigil verify: 0 trusted or skipped in writing, 1 not trusted, 2 an input cannot be used, 3 a service could not
          be asked, 130 interrupted.
        """
}
