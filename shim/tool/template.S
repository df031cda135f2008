/* The page's template, see page/README.md. */
	.section .rodata
	.global page_template, page_template_end
page_template:
	.incbin "shim/tool/page/template.html"
page_template_end:
	.section .note.GNU-stack, "", %progbits
