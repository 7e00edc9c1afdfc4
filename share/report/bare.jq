# A run that ended before its first row, as Markdown: its verdict, and the events as lines of text, the input.
def md: gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+"; " ") | gsub("(?<c>[\\\\|*`])"; "\\\(.c)");
"# Report on \($id | md)", "", "**\($verdict[0].line | md).**", "",
"It ended before a request was sent, so there is nothing to analyse.", "", "## Events", "", "```", rtrimstr("\n"), "```"
