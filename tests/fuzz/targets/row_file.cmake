daicho_fuzz(row_file SOURCES ${CMAKE_CURRENT_LIST_DIR}/../row_file_fuzz.cc DEPS daicho_cycle_pipe)
