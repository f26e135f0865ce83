if(TARGET daicho_store)
  daicho_fuzz(sql_tokens SOURCES ${CMAKE_CURRENT_LIST_DIR}/../sql_tokens_fuzz.cc DEPS daicho_store)
endif()
