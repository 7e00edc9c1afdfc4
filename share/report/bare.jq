# A run that ended before its first row, as Markdown: its verdict, and the events as lines of text, the input.
def md: gsub("[[:cntrl:]]+"; " ") | gsub("(?<c>[\\\\|*`])"; "\\\(.c)");
"# Report on \($id | md)", "", "**\($verdict[0].line | md).**", "",
"It ended before a request was sent, so there is nothing to analyse.", "", "## Events", "", "```", rtrimstr("\n"), "```"
