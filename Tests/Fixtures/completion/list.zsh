# zsh -f list.zsh ZSH FOLDER LINE: what an interactive shell offers when somebody types LINE and a tab, a line for each.
# FOLDER is where the package of zsh lies, unless it is installed; the script to try is fn/_vigil.
module_path=($2/usr/lib/*-linux-gnu/zsh/*(N/) $module_path)
zmodload zsh/zpty
zpty shell $1 -f -i
tell() { zpty -w shell "$1" }
tell "module_path=($module_path); fpath=($PWD/fn $2/usr/share/zsh/functions/**/*(N/) \$fpath)"
tell 'autoload -Uz compinit; compinit -u -D'
# Every match goes through compadd, which says into an array what it would add.
tell 'compadd() { local -a hits; builtin compadd -A hits "$@"; offered+=($hits); builtin compadd "$@" }'
tell 'offer() { local -a offered; zle complete-word; print -r -- "offered: $offered"; print EN"D" }'
tell 'zle -N offer; bindkey "^I" offer; echo READ"Y"'
zpty -r shell shown '*READY*'
zpty -w -n shell "$3"$'\t'
zpty -r shell shown $'*\nEND*'
print -r -- "$shown"
