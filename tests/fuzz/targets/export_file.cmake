daicho_fuzz(export_file SOURCES ${CMAKE_CURRENT_LIST_DIR}/../export_file_fuzz.cc DEPS daicho_reports)
